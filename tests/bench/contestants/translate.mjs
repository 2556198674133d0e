// The translation of list_rooms by hand, for those contestants that leave it to the one who uses them.

const milliseconds = (text) => (text == null ? null : Date.parse(text));

export const room = (found) => ({
  roomId: found.id ?? null,
  orgId: found.organization?.id ?? null,
  roomName: found.roomName ?? null,
  roomType: found.roomType ?? null,
  topic: found.topic ?? null,
  numUnread: found.numUnread ?? 0,
  numUnreadMentions: found.numUnreadMentions ?? 0,
  numUsers: found.numUsers ?? 0,
  isFavorite: found.favorite ? 1 : 0,
  latestStory: found.latestStory == null ? null : {
    storyId: found.latestStory.id ?? null,
    created: milliseconds(found.latestStory.createdDateTime),
    updated: milliseconds(found.latestStory.updatedDateTime),
    message: found.latestStory.message ?? null,
  },
  users: (found.roomUsers ?? []).map((user) => ({
    userId: user.user?.id ?? null,
    orgId: user.organization?.id ?? null,
  })),
  appId: found.vendorProposal?.id ?? null,
});

export const rooms = (found) => ({
  server_time: Math.floor(Date.now() / 1000),
  rooms: (found.edges ?? []).map((edge) => room(edge.node)),
  cursor: found.pageInfo?.endCursor ?? '',
  total: found.totalCount ?? 0,
});

export const variables = (query) => ({
  pagination: { first: Number(query.limit ?? 20), ...(query.cursor ? { after: query.cursor } : {}) },
});
