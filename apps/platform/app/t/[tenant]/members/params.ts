export const membersInput = { pageSize: 100 };
