import type { Post, TimelineEntry } from "@chimera/gen/chimera/platform/v1/post_service_pb";

/** Where a hop stands on the page. A campaign's plans are told apart by their version. */
export const anchorOf = (e: Pick<TimelineEntry, "stage" | "objectId"> & { planVersion?: number }) => (e.stage === "plan" ? `plan-${e.planVersion ?? 0}` : `${e.stage}-${e.objectId}`);

export type HopLink = { href: string; words: string; inPage: boolean };

/** From a hop to the object itself, and to the hops it came from. */
export function linksOf(entry: TimelineEntry, post: Post, anchors: ReadonlySet<string>, path: (p: string) => string): HopLink[] {
  const links: HopLink[] = [];
  const away = (href: string, words: string) => links.push({ href: path(href), words, inPage: false });
  const back = (stage: string, objectId: string, words: string) => {
    const anchor = anchorOf({ stage, objectId });
    if (objectId && objectId !== entry.objectId && anchors.has(anchor)) links.push({ href: `#${anchor}`, words, inPage: true });
  };
  const campaign = `campaigns/${post.campaignId}`;
  if (entry.stage === "goal") away(campaign, "Open the campaign");
  if (entry.stage === "plan") away(`${campaign}?version=${entry.planVersion || (/^version (\d{1,9})\b/.exec(entry.summary)?.[1] ?? "")}`, "Open this plan version");
  const task = entry.stage === "task" ? entry.objectId : entry.taskId;
  if (task) away(`${campaign}?task=${task}`, "In the plan");
  const review = entry.stage === "review" ? entry.objectId : entry.reviewId;
  if (review) away(`reviews?item=${review}`, "The review");
  if (entry.objectId) away(`audit?object=${entry.objectId}`, "In the audit");
  back("task", entry.taskId, "its step");
  back("result", entry.resultId, "its result");
  back("verdict", entry.verdictId, "its verdict");
  back("review", entry.reviewId, "its review");
  return links;
}
