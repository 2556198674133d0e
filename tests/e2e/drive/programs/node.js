// Makes calls with a Node SDK: @upwork/node-upwork-oauth2, or upwork-api for OAuth 1.0a.
//
// The first argument is JSON: `sdk`, `keys`, and `host` where it is not the SDK's own. Each line of standard input is a
// call; each line of standard output is what the SDK gave to the callback.
'use strict';

const readline = require('node:readline');

const { sdk, keys, host } = JSON.parse(process.argv[2]);
const UpworkApi = require(sdk);

// A client with the keys that its user has.
function connect() {
  if (sdk === 'upwork-api') {
    // Another host is told by the environment.
    const api = new UpworkApi(keys);
    return new Promise((resolve) => api.setAccessToken(keys.accessToken, keys.accessSecret, () => resolve(api)));
  }
  const api = host === undefined ? new UpworkApi(keys) : elsewhere();
  return new Promise((resolve) => api.setAccessToken(() => resolve(api)));
}

// The SDK has no setting for another host: its own configuration and client are made by hand.
function elsewhere() {
  const Config = require(`${sdk}/lib/config`);
  const Client = require(`${sdk}/lib/client`);
  const config = Object.assign(new Config(keys), { tokenHost: host, baseUrl: `${host}/api/` });
  return new UpworkApi(null, new Client(config));
}

// One method of a router, or of the client itself. What an HTTP error gives is no Error; what has no answer at all is one.
function call(api, method, args) {
  const [owner, name] = method.split('.');
  let router = api.client;
  if (owner !== 'client') {
    const [Router] = Object.values(require(`${sdk}/lib/routers/${owner}`));
    router = new Router(api);
  }
  return new Promise((resolve, reject) => {
    if (sdk === 'upwork-api') {
      router[name](...args, (error, data) => {
        if (error instanceof Error) reject(error);
        else resolve(error ? { error } : { answer: data });
      });
    } else {
      router[name](...args, (error, status, data) => resolve({ error, status, answer: data }));
    }
  });
}

async function main() {
  const api = await connect();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { method, arguments: args } = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(await call(api, method, args))}\n`);
  }
}

main();
