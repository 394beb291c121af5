// Reads one queue to its end with the vendor's Node client and prints the decoded bodies as one JSON array.
'use strict';
const MNSClient = require('@alicloud/mns');

const [endpoint, queue, accessKeyId, accessKeySecret] = process.argv.slice(2);
const client = new MNSClient('1234567890123456', {endpoint, accessKeyId, accessKeySecret});

async function main() {
  const bodies = [];
  for (;;) {
    let message;
    try {
      message = (await client.receiveMessage(queue, 0)).body;
    } catch (error) {
      if (!error.name.startsWith('MNSMessageNotExist')) throw error;
      break;
    }
    bodies.push(JSON.parse(Buffer.from(message.MessageBody, 'base64').toString('utf8')));
    await client.deleteMessage(queue, message.ReceiptHandle);
  }
  process.stdout.write(JSON.stringify(bodies));
}

main().then(() => process.exit(0), (error) => {
  process.stderr.write(String(error));
  process.exit(1);
});
