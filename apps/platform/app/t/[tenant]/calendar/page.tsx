import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { AgentService } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { CalendarService } from "@chimera/gen/chimera/platform/v1/calendar_service_pb";
import { Calendar } from "@/components/calendar/calendar";
import { one, Prefetched } from "@/lib/rpc/prefetch";
import { utcToday } from "@/lib/time/days";
import { tenantOf } from "@/lib/url/tenant";
import { calendarInput, daysOf, loadCalendarParams } from "./params";

export const metadata: Metadata = { title: "Calendar" };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<SearchParams> };

export default async function CalendarPage({ params, searchParams }: Props) {
  const tenant = await tenantOf(params);
  const url = await loadCalendarParams(searchParams);
  const today = utcToday();
  return (
    <Prefetched tenant={tenant} queries={[
      one(CalendarService.method.listCalendar, calendarInput(daysOf(url.view, url.on ?? today), url.agent)),
      one(AgentService.method.listAgents, { pageSize: 200 }),
    ]}>
      <Calendar today={today} />
    </Prefetched>
  );
}
