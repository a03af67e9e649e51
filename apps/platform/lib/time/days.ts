/** A calendar day as "2026-11-22", without a zone. */
export type Day = string;

const DAY_MS = 86_400_000;
const local = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });

/** The day a moment falls on in the viewer's zone; for the browser only. */
export const dayOf = (ms: number): Day => local.format(ms);

/** The day a moment falls on in UTC: the same on the server and in the browser. */
export const utcDay = (ms: number): Day => new Date(ms).toISOString().slice(0, 10);

/** Today in UTC. */
export const utcToday = (): Day => utcDay(Date.now());

export const addDays = (day: Day, n: number): Day => utcDay(Date.parse(day) + n * DAY_MS);

/** The Monday on or before a day. */
export const mondayOf = (day: Day): Day => addDays(day, -((new Date(day).getUTCDay() + 6) % 7));

export const addMonths = (day: Day, n: number): Day => {
  const d = new Date(day);
  return utcDay(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + n, 1));
};

/** The moment of a day and a time such as "14:30" in the viewer's zone; NaN for what is neither. */
export const momentOf = (day: Day, time: string): number => new Date(`${day}T${time}`).getTime();

const words = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  return (day: Day) => format.format(Date.parse(day));
};
/** "Mon". */
export const weekday = words({ weekday: "short" });
/** "22 Nov". */
export const dayAndMonth = words({ day: "numeric", month: "short" });
/** "Sunday 22 November". */
export const wholeDay = words({ weekday: "long", day: "numeric", month: "long" });
/** "November 2026". */
export const monthAndYear = words({ month: "long", year: "numeric" });

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
/** "14:30" in the viewer's zone; for the browser only. */
export const timeOfDay = (ms: number) => clock.format(ms);

const clockToSecond = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** "14:30:08" in the viewer's zone; for the browser only. */
export const timeToSecond = (ms: number) => clockToSecond.format(ms);
