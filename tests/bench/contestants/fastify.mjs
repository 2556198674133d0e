// fastify in front, undici behind, the translation by hand.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { Pool } from 'undici';
import { rooms, variables } from './translate.mjs';

const upstream = new URL(process.env.BENCH_UPSTREAM);
const query = readFileSync(process.env.BENCH_QUERY, 'utf8');
const pool = new Pool(upstream.origin, { connections: 256 });
const app = Fastify();

app.get('/api/messages/v3/:company/rooms.json', async (request, reply) => {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: upstream.pathname,
    headers: {
      'content-type': 'application/json',
      authorization: request.headers.authorization,
      'x-upwork-api-tenantid': request.params.company,
    },
    body: JSON.stringify({ query, variables: variables(request.query) }),
  });
  const answer = await body.json();
  if (statusCode !== 200) return reply.code(502).send({ error: 'upstream' });
  return rooms(answer.data.roomList);
});

app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' });
