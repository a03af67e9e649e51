import type { Metadata } from "next";
import { FleetStatus } from "@/components/fleet/fleet-status";
import { Page } from "@/components/panel/page";

export const metadata: Metadata = { title: "Fleet" };

/** The frame has prefetched the system's status; this page adds no query of its own yet. */
export default function FleetPage() {
  return <Page title="Fleet" facts="What needs a person comes first."><FleetStatus /></Page>;
}
