"use client";
import { CalendarEntryKind, CalendarService, type CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { CalendarClock } from "lucide-react";
import Link from "next/link";
import { RelativeTime } from "@/components/panel/relative-time";
import { StateBadge } from "@/components/state/state-badge";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { exactly, msOf } from "@/lib/time/relative";
import { atOf, entryLook, platformNames } from "./entry-look";

type Props = { entry: CalendarEntry; onMove: () => void; onClose: () => void };

/** One entry with where it comes from, and what can be done with it; moving is here for those who do not drag. */
export function EntryDialog({ entry, onMove, onClose }: Props) {
  const path = useTenantPath();
  const { may } = useSession();
  const post = entry.kind === CalendarEntryKind.POST;
  const end = msOf(entry.windowEnd);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={`${entry.agentName} on ${platformNames[entry.platform] ?? entry.platform}`} description={`${entry.handle}, for “${entry.campaignName}”`}>
        <div className="grid gap-3">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <StateBadge look={entryLook(entry)} />
            <span>{post ? "Published" : entry.fixed ? "Not before" : "Not before, as the plan allows:"} {exactly(atOf(entry))}</span>
            <RelativeTime at={entry.at} className="text-muted" />
          </div>
          {!post && end ? <p className="text-muted">Expires {exactly(end)} if it is not out by then.</p> : null}
          <p className="rounded-md border border-line bg-sunken p-2.5 break-words whitespace-pre-wrap">{entry.excerpt || "Nothing is written yet. The draft appears here as soon as it is made."}</p>
          <div className="flex flex-wrap justify-end gap-2">
            <Button asChild><Link href={path(`campaigns/${entry.campaignId}${entry.taskId ? `?task=${entry.taskId}` : ""}`)}>Its step in the plan</Link></Button>
            {entry.reviewId ? <Button asChild variant="primary"><Link href={path(`reviews?item=${entry.reviewId}`)}>Review it</Link></Button> : null}
            {post ? <Button asChild variant="primary"><Link href={path(`posts/${entry.postId}`)}>Open the post</Link></Button> : null}
            {!post && may(CalendarService.method.movePlanned) ? (
              <Button disabled={!entry.movable} title={entry.movable ? undefined : "It is on its way or has ended: its time is settled."} onClick={onMove}><CalendarClock aria-hidden />Move to…</Button>
            ) : null}
          </div>
        </div>
      </DialogContent>
    </Dialog>
  );
}
