// Reads one queue to its end with the vendor's Node client and prints the decoded bodies.
'use strict';
const MNSClient = require('@alicloud/mns');
const {endpoint, accessKeyId, accessKeySecret, rest, run} = require('./settings');

const [queue] = rest;
const client = new MNSClient('1234567890123456', {endpoint, accessKeyId, accessKeySecret});

run(async () => {
  const bodies = [];
  for (;;) {
    let message;
    try {
      message = (await client.receiveMessage(queue, 0)).body;
    } catch (error) {
      if (!error.name.startsWith('MNSMessageNotExist')) throw error;
      return bodies;
    }
    bodies.push(JSON.parse(Buffer.from(message.MessageBody, 'base64').toString('utf8')));
    await client.deleteMessage(queue, message.ReceiptHandle);
  }
});
