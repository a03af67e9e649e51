import { z } from "zod";

// Not trimmed: a platform may have given it with any character.
export const secretSchema = z.string().min(1, "Paste the secret.").max(4096, "At most 4,096 characters.");

/** As the proto bounds a connection. */
export const connectSchema = z.object({
  platform: z.enum(["bluesky", "mastodon"]),
  handle: z.string().trim().min(1, "The account's name on the platform.").max(253, "At most 253 characters."),
  baseUrl: z.url({ protocol: /^https?$/, error: "The server's address, starting with https://." }).max(500, "At most 500 characters."),
  secret: secretSchema,
});

export type Connection = z.input<typeof connectSchema>;

/** What the platform's own settings page calls the secret, and what to type beside it. */
export const platformHints: Record<Connection["platform"], { name: string; handle: string; baseUrl: string; secret: string }> = {
  bluesky: { name: "Bluesky", handle: "ada.bsky.social", baseUrl: "https://bsky.social", secret: "An app password, never the account's own password." },
  mastodon: { name: "Mastodon", handle: "@ada@mastodon.example", baseUrl: "https://mastodon.example", secret: "An access token with the scopes read and write." },
};
