// SOFA: REST routes made of a GraphQL schema; the schema's one field asks the upstream and translates by hand.
import { createServer } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { useSofa } from 'sofa-api';
import { ask, typeDefs } from './upstream.mjs';

const schema = makeExecutableSchema({
  typeDefs,
  resolvers: {
    Query: { rooms: (_, given, { request }) => ask(given.company, request.headers.get('authorization'), given) },
  },
});

const sofa = useSofa({
  basePath: '/api',
  schema,
  routes: { 'Query.rooms': { method: 'GET', path: '/messages/v3/:company/rooms.json' } },
});

createServer(sofa).listen(Number(process.argv[2]), '127.0.0.1');
