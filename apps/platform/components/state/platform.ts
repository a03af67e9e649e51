const platforms: Record<string, string> = { bluesky: "Bluesky", mastodon: "Mastodon" };

/** A platform as people write it; one we do not know by its own word. */
export const platformName = (platform: string) => platforms[platform] ?? platform;
