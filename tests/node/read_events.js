// Reads each file of a folder with the CloudEvents SDK and prints [file, id, type, state] of each as one JSON array.
'use strict';
const fs = require('fs');
const path = require('path');
const {HTTP} = require('cloudevents');

const [folder] = process.argv.slice(2);
const headers = {'content-type': 'application/cloudevents+json'};
const read = fs.readdirSync(folder).sort().map((name) => {
  const event = HTTP.toEvent({headers, body: fs.readFileSync(path.join(folder, name), 'utf8')});
  event.validate();
  return [name, event.id, event.type, event.data.state];
});
process.stdout.write(JSON.stringify(read));
