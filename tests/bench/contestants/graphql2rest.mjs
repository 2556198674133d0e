// graphql2rest: routes of express by a manifest; what it executes is the question to the upstream, translated by hand.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import express from 'express';
import GraphQL2REST from 'graphql2rest';
import { ask, typeDefs } from './upstream.mjs';

const schema = makeExecutableSchema({ typeDefs });
const folder = mkdtempSync(join(tmpdir(), 'graphql2rest-'));
const manifestFile = join(folder, 'manifest.json');
writeFileSync(manifestFile, JSON.stringify({
  endpoints: { '/messages/v3/:company/rooms.json': { get: { operation: 'rooms' } } },
}));
GraphQL2REST.generateGqlQueryFiles(schema, join(folder, 'gql'));

let authorization;
const execute = async ({ variables }) => ({ data: { rooms: await ask(variables.company, authorization, variables) } });
const router = GraphQL2REST.init(schema, execute, {
  apiPrefix: '/api',
  manifestFile,
  gqlGeneratorOutputFolder: join(folder, 'gql'),
  logger: { log: () => {} }, // its own prints every answer
});

const app = express();
// Its executor is not told of the request; every request of the bench has the same token.
app.use((request, _, next) => { authorization = request.headers.authorization; next(); });
app.use(router);
app.listen(Number(process.argv[2]), '127.0.0.1');
