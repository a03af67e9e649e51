import * as z from "zod/mini";
import { zodParam } from "@/lib/url/params";

export const agentViews = ["all", "dead"] as const;

/** ?accounts=dead keeps the agents that have an account whose secret the platform refused. */
export const agentsParams = { accounts: zodParam(z.enum(agentViews)).withDefault("all") };

export const agentsInput = { pageSize: 50 };

const version = z.string().check(z.regex(/^[1-9][0-9]{0,8}$/));

/** ?version= is the persona version shown, ?against= the one it is compared with. */
export const agentParams = { version: zodParam(version), against: zodParam(version) };

export const versionsInput = (agentId: string) => ({ pageSize: 50, agentId });
export const accountsInput = (agentId: string) => ({ pageSize: 50, agentId });

/** The [agent] of a path. */
export const agentPath = z.object({ agent: z.uuid() });
