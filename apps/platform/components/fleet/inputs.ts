import { ReviewState } from "@chimera/gen/chimera/platform/v1/review_service_pb";

// The same on server and client, so that what was prefetched is found.

/** The most urgent open items, of which those near their deadline are counted. */
export const urgentReviews = { pageSize: 50, state: ReviewState.OPEN };

/** Enough to tell each account's last post in a fleet that posts at human pace. */
export const newestPosts = { pageSize: 200 };

/** As lib/fleet reads accounts and campaigns for names: here the same answers are kept fresh. */
export const wholeFleet = { pageSize: 200 };
