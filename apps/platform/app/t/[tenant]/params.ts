import { createLoader } from "nuqs/server";
import * as z from "zod/mini";
import { zodParam } from "@/lib/url/params";

/** ?agents=attention keeps those that need a person; ?q= looks for a name or a handle. */
export const fleetParams = {
  agents: zodParam(z.enum(["all", "attention"])).withDefault("all"),
  q: zodParam(z.string().check(z.minLength(1), z.maxLength(200))),
};

export const loadFleetParams = createLoader(fleetParams);

export type FleetFilter = { agents: "all" | "attention"; q: string | null };

export const fleetAgents = (f: FleetFilter) => ({ pageSize: 50, attention: f.agents === "attention", query: f.q ?? "" });
