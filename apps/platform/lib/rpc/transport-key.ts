/**
 * The same on server and client, so that what the server prefetched is found; another for each tenant, so that no
 * cache entry of one tenant can ever answer for another (R13.2).
 */
export const transportKey = (tenant: string) => `chimera/${tenant}`;
