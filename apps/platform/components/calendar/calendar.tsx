"use client";
import { CalendarService, type CalendarEntry } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useMemo, useState } from "react";
import { calendarInput, calendarParams, daysOf } from "@/app/t/[tenant]/calendar/params";
import { Empty } from "@/components/panel/empty";
import { Loaded } from "@/components/panel/loaded";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { useShortcuts } from "@/components/shell/shortcuts";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { addDays, addMonths, dayOf, type Day } from "@/lib/time/days";
import { useNow } from "@/lib/time/use-now";
import { Agenda } from "./agenda";
import { CalendarBar } from "./calendar-bar";
import { arrange } from "./entries";
import { EntryDialog } from "./entry-dialog";
import { keyOf } from "./entry-look";
import { Month } from "./month";
import { MoveDialog } from "./move-dialog";
import { MoveHint } from "./move-hint";
import { useDragging, type Move } from "./use-dragging";
import { Week } from "./week";

/** What was and what will be published. The server's day stands until the browser tells its own. */
export function Calendar({ today: serverDay }: { today: Day }) {
  const [url, setUrl] = useQueryStates(calendarParams);
  const [move, setMove] = useState<Move>();
  const [open, setOpen] = useState<CalendarEntry>();
  const now = useNow();
  const today = now ? dayOf(now) : serverDay;
  const on = url.on ?? today;
  const days = useMemo(() => daysOf(url.view, on), [url.view, on]);
  const query = useQuery(CalendarService.method.listCalendar, calendarInput(days, url.agent), { placeholderData: keepPreviousData });
  const entries = query.data?.entries;
  const zoned = now > 0;
  const arranged = useMemo(() => (entries && zoned ? arrange(entries, days) : undefined), [entries, days, zoned]);
  const drag = useDragging(now, setMove);
  const step = (n: number) => void setUrl({ on: url.view === "week" ? addDays(on, 7 * n) : addMonths(on, n) });
  useShortcuts("Calendar", [
    { keys: "[", label: "Before", run: () => step(-1) },
    { keys: "]", label: "After", run: () => step(1) },
    { keys: "t", label: "Today", run: () => void setUrl({ on: null }) },
    { keys: "w", label: "Week", run: () => void setUrl({ view: "week" }) },
    { keys: "m", label: "Month", run: () => void setUrl({ view: "month" }) },
  ]);
  const shown = arranged && { days, today, drag, onOpen: setOpen, ...arranged };
  // The one that is open may have changed meanwhile; what is shown of it is the newest.
  const current = open && (entries?.find((e) => keyOf(e) === keyOf(open)) ?? open);
  return (
    <Page title="Calendar" facts="What was published and what is planned. A dashed card is not written yet.">
      <Panel>
        <CalendarBar view={url.view} on={on} days={days} agent={url.agent} onStep={step} onChange={(next) => void setUrl(next)} />
        {query.data?.truncated ? <p className="border-b border-line bg-wait-soft px-3 py-2 text-wait">More than 1,000 entries: choose an agent or a week to see all of them.</p> : null}
        <Loaded query={query} skeleton={<Waiting />}>
          {() => !shown ? <Waiting /> : shown.lanes.length === 0 ? <Nothing filtered={url.agent !== null} onClear={() => void setUrl({ agent: null })} /> : (
            <>
              <div className="max-md:hidden">{url.view === "week" ? <Week {...shown} /> : <Month {...shown} month={on.slice(0, 7)} onDay={(d) => void setUrl({ view: "week", on: d })} />}</div>
              <div className="md:hidden"><Agenda {...shown} /></div>
            </>
          )}
        </Loaded>
      </Panel>
      {drag.move ? <MoveHint move={drag.move} /> : null}
      {current && !move ? <EntryDialog entry={current} onClose={() => setOpen(undefined)} onMove={() => setMove({ entry: current, to: Math.max(Number(current.at?.seconds ?? 0n) * 1_000, now) + 3_600_000 })} /> : null}
      {move ? <MoveDialog key={keyOf(move.entry)} move={move} onClose={() => { setMove(undefined); setOpen(undefined); }} /> : null}
    </Page>
  );
}

const Waiting = () => <div role="status" aria-label="Loading" className="grid gap-2 p-3"><Skeleton className="h-9" /><Skeleton className="h-64" /></div>;

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const path = useTenantPath();
  return filtered
    ? <Empty title="Nothing of this agent here" action={<Button onClick={onClear}>Show all agents</Button>}>It has no post and no plan in these days.</Empty>
    : <Empty title="Nothing in these days" action={<Button asChild><Link href={path("campaigns")}>See the campaigns</Link></Button>}>Start a campaign: each publication it plans appears here before it is written.</Empty>;
}
