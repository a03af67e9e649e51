import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { addDays, mondayOf, utcDay, type Day } from "@/lib/time/days";
import { uuidParam, zodParam } from "@/lib/url/params";

export const calendarViews = ["week", "month"] as const;
export type CalendarView = (typeof calendarViews)[number];

/** ?view= is week or month, ?on= any day in it, absent for today; ?agent= shows one persona; ?entry= is the open entry's task. */
export const calendarParams = {
  view: zodParam(z.enum(calendarViews)).withDefault("week"),
  on: zodParam(z.iso.date()),
  agent: uuidParam(),
  entry: uuidParam(),
};

export const loadCalendarParams = createLoader(calendarParams);

/** The days a view shows: one week, or all the weeks that a month touches. */
export function daysOf(view: CalendarView, on: Day): Day[] {
  const first = view === "week" ? mondayOf(on) : mondayOf(`${on.slice(0, 8)}01`);
  const days = Array.from({ length: view === "week" ? 7 : 42 }, (_, i) => addDays(first, i));
  // The sixth week of a month is shown only when the month reaches into it.
  return view === "month" && days[35]?.slice(0, 7) !== on.slice(0, 7) ? days.slice(0, 35) : days;
}

/** A day more on both sides: the server knows the days but not the viewer's zone. */
export function calendarInput(days: readonly Day[], agent: string | null) {
  const [first, last] = [days[0] ?? utcDay(0), days.at(-1) ?? utcDay(0)];
  return { from: timestampFromMs(Date.parse(addDays(first, -1))), to: timestampFromMs(Date.parse(addDays(last, 2))), agentId: agent ?? "" };
}
