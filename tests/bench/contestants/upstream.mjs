// The schema of the one call as a REST generator over GraphQL wants it, and how the upstream is asked.
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { rooms, variables } from './translate.mjs';

const upstream = new URL(process.env.BENCH_UPSTREAM);
const query = readFileSync(process.env.BENCH_QUERY, 'utf8');
const pool = new Pool(upstream.origin, { connections: 256 });

export const typeDefs = /* GraphQL */ `
  scalar Count
  type Story { storyId: String created: Count updated: Count message: String }
  type User { userId: String orgId: String }
  type Room {
    roomId: String orgId: String roomName: String roomType: String topic: String
    numUnread: Int numUnreadMentions: Int numUsers: Int isFavorite: Int
    latestStory: Story users: [User] appId: String
  }
  type Rooms { server_time: Count rooms: [Room] cursor: String total: Int }
  type Query { rooms(company: String!, limit: Int, cursor: String): Rooms }
`;

export async function ask(company, authorization, given) {
  const { body } = await pool.request({
    method: 'POST',
    path: upstream.pathname,
    headers: { 'content-type': 'application/json', authorization, 'x-upwork-api-tenantid': company },
    body: JSON.stringify({ query, variables: variables(given) }),
  });
  const answer = await body.json();
  return rooms(answer.data.roomList);
}
