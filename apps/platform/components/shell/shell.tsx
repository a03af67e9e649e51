"use client";
import { StopService } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { Menu as MenuIcon, OctagonX, Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { CommandPalette } from "./command-palette";
import { Connection } from "./connection";
import { KeyboardHelp } from "./keyboard-help";
import { Nav } from "./nav";
import { destinations } from "./navigation";
import { Notices } from "./notices";
import { useShortcuts } from "./shortcuts";
import { StopDialog } from "./stop-dialog";
import { StopFrame } from "./stop-frame";
import { TenantSwitcher } from "./tenant-switcher";
import { UserMenu } from "./user-menu";

type Opened = "none" | "palette" | "help" | "stop" | "nav";

/** The frame around every page of a tenant. */
export function Shell({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState<Opened>("none");
  const toggle = (what: Opened) => (open: boolean) => setOpened(open ? what : "none");
  const router = useRouter();
  const path = useTenantPath();
  const { may } = useSession();
  useShortcuts("Everywhere", [
    { keys: "?", label: "Keyboard help", run: () => setOpened("help") },
    { keys: "/", label: "Search and commands", run: () => setOpened("palette") },
    ...destinations.filter((d) => may(d.needs)).map((d) => ({ keys: `g ${d.key}`, label: d.label, run: () => router.push(path(d.path)) })),
  ]);
  return (
    <div className="flex min-h-dvh flex-col lg:h-dvh">
      <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2">Skip to the content</a>
      <StopFrame />
      <header className="sticky top-0 z-20 flex h-12 items-center gap-1 border-b border-line bg-surface px-2 sm:gap-2 sm:px-3">
        <Button variant="ghost" size="icon" className="lg:hidden" aria-label="Menu" onClick={() => setOpened("nav")}><MenuIcon /></Button>
        <TenantSwitcher />
        <div className="flex-1" />
        <button type="button" onClick={() => setOpened("palette")} className="flex h-8 items-center gap-2 rounded-md border border-line bg-sunken px-2 text-muted hover:text-text max-sm:border-0 max-sm:bg-transparent sm:w-56" aria-label="Search and commands">
          <Search className="size-4 shrink-0" aria-hidden />
          <span className="flex-1 text-left max-sm:hidden">Go to…</span>
          <Kbd className="max-sm:hidden">⌘K</Kbd>
        </button>
        <Connection />
        {may(StopService.method.pressStop) ? (
          <Button variant="danger" onClick={() => setOpened("stop")} aria-label="Stop switch"><OctagonX /><span className="max-sm:hidden">Stop</span></Button>
        ) : null}
        <UserMenu onHelp={() => setOpened("help")} />
      </header>
      <Notices />
      <div className="flex min-h-0 flex-1">
        <aside className="hidden w-48 shrink-0 overflow-y-auto border-r border-line bg-surface p-2 lg:block"><Nav /></aside>
        <main id="content" tabIndex={-1} className="scroll-thin min-w-0 flex-1 outline-none lg:overflow-y-auto">{children}</main>
      </div>
      <Dialog open={opened === "nav"} onOpenChange={toggle("nav")}>
        <DialogContent title="Chimera" shape="sheet">{<Nav onGo={() => setOpened("none")} />}</DialogContent>
      </Dialog>
      <CommandPalette open={opened === "palette"} onOpenChange={toggle("palette")} onStop={() => setOpened("stop")} />
      <KeyboardHelp open={opened === "help"} onOpenChange={toggle("help")} />
      <StopDialog open={opened === "stop"} onOpenChange={toggle("stop")} />
    </div>
  );
}
