// What every script is told on its command line, and how it ends: JSON on stdout, or one error on stderr.
'use strict';

const [endpoint, accessKeyId, accessKeySecret, ...rest] = process.argv.slice(2);

function run(main) {
  main().then((answer) => {
    process.stdout.write(JSON.stringify(answer), () => process.exit(0));
  }, (error) => {
    process.stderr.write(String(error));
    process.exit(1);
  });
}

// Milliseconds for an answer, as a busy machine may need them; three seconds are what the clients give by themselves.
const patience = 50000;

// Of the clients that are generated: @alicloud/openapi-core comes with both of them.
function config() {
  const {$OpenApiUtil} = require('@alicloud/openapi-core');
  const host = endpoint.replace('http://', '');
  const times = {readTimeout: patience, connectTimeout: patience};
  return new $OpenApiUtil.Config({accessKeyId, accessKeySecret, endpoint: host, protocol: 'HTTP', regionId: 'cn-hangzhou', ...times});
}

module.exports = {endpoint, accessKeyId, accessKeySecret, rest, patience, run, config};
