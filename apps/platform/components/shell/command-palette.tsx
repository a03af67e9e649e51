"use client";
import { Command } from "cmdk";
import { Megaphone, OctagonX, Users } from "lucide-react";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { StopService } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/small";
import { useAgents, useCampaigns } from "@/lib/fleet/use-fleet";
import { useTenant, useTenantPath } from "@/lib/session/tenant";
import { tenantPath } from "@/lib/session/tenant-path";
import { useSession } from "@/lib/session/use-session";
import { useOpened } from "./opened";
import { useDestinations } from "./use-destinations";

export default function CommandPalette({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  const { open } = useOpened();
  return (
    <Dialog open onOpenChange={onOpenChange}>
      <DialogContent title="Go to" className="p-3"><Palette onDone={() => onOpenChange(false)} onStop={() => open("stop")} /></DialogContent>
    </Dialog>
  );
}

function Palette({ onDone, onStop }: { onDone: () => void; onStop: () => void }) {
  const router = useRouter();
  const path = useTenantPath();
  const tenant = useTenant();
  const { may, memberships } = useSession();
  const destinations = useDestinations();
  const agents = useAgents();
  const campaigns = useCampaigns();
  const go = (href: string) => {
    onDone();
    router.push(href);
  };
  return (
    <Command label="Go to" loop>
      <Command.Input placeholder="A page, a campaign, an agent…" className="mb-2 h-10 w-full rounded-md border border-line-strong/60 bg-surface px-3 text-base" />
      <Command.List className="scroll-thin max-h-[55vh] overflow-y-auto">
        <Command.Empty className="py-6 text-center text-muted">Nothing by this name.</Command.Empty>
        <Group heading="Pages">
          {destinations.map((d) => (
            <Item key={d.path} value={`page ${d.label}`} onSelect={() => go(path(d.path))}>
              <d.icon /><span className="flex-1">{d.label}</span><Kbd>g</Kbd><Kbd>{d.key}</Kbd>
            </Item>
          ))}
        </Group>
        <Group heading="Campaigns">
          {[...campaigns.values()].slice(0, 50).map((c) => <Item key={c.id} value={`campaign ${c.name} ${c.id}`} onSelect={() => go(path(`campaigns/${c.id}`))}><Megaphone />{c.name}</Item>)}
        </Group>
        <Group heading="Agents">
          {[...agents.values()].slice(0, 50).map((a) => <Item key={a.id} value={`agent ${a.name} ${a.id}`} onSelect={() => go(path(`agents/${a.id}`))}><Users />{a.name}</Item>)}
        </Group>
        <Group heading="Other tenants">
          {memberships.filter((m) => m.tenantSlug !== tenant).map((m) => <Item key={m.tenantId} value={`tenant ${m.tenantName}`} onSelect={() => go(tenantPath(m.tenantSlug, ""))}>{m.tenantName}</Item>)}
        </Group>
        {may(StopService.method.pressStop) ? (
          <Group heading="Safety">
            <Item value="stop switch halt emergency" onSelect={() => { onDone(); onStop(); }}><OctagonX className="text-bad!" />Press a stop switch…</Item>
          </Group>
        ) : null}
      </Command.List>
    </Command>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return <Command.Group heading={heading} className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted">{children}</Command.Group>;
}

function Item({ children, ...props }: { value: string; onSelect: () => void; children: ReactNode }) {
  return <Command.Item {...props} className="flex h-8 cursor-default items-center gap-2 rounded-md px-2 data-[selected=true]:bg-selected max-sm:h-11 [&_svg]:size-4 [&_svg]:text-muted">{children}</Command.Item>;
}
