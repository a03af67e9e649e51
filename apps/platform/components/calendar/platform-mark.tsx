import { platformNames } from "./entry-look";

const grounds: Record<string, string> = { bluesky: "bg-[#0560ff]", mastodon: "bg-[#5a4ad9]" };

/** A platform's letter on its own colour; the name is its text. */
export function PlatformMark({ platform }: { platform: string }) {
  const name = platformNames[platform] ?? platform;
  return <span role="img" aria-label={name} title={name} className={`grid size-4 shrink-0 place-items-center rounded-sm text-2xs leading-none font-bold text-white ${grounds[platform] ?? "bg-black"}`}>{name.slice(0, 1)}</span>;
}
