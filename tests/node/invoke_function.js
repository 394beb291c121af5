// Invokes a function with a payload by the vendor's Node client, which sends it in chunks; prints status and answer.
'use strict';
const {Readable} = require('stream');
const {default: Client, InvokeFunctionRequest} = require('@alicloud/fc20230330');
const {rest, run, config} = require('./settings');

const [name, payload] = rest;

run(async () => {
  const request = new InvokeFunctionRequest({body: Readable.from(Buffer.from(payload))});
  const answer = await new Client(config()).invokeFunction(name, request);
  const chunks = [];
  for await (const chunk of answer.body) chunks.push(Buffer.from(chunk));
  return {status: answer.statusCode, body: JSON.parse(Buffer.concat(chunks).toString('utf8'))};
});
