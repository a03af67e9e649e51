import type { Metadata } from "next";
import { NewAgent } from "@/components/agent/new-agent";
import { tenantOf } from "@/lib/url/tenant";

export const metadata: Metadata = { title: "New agent" };

export default async function NewAgentPage({ params }: { params: Promise<{ tenant: string }> }) {
  await tenantOf(params);
  return <NewAgent />;
}
