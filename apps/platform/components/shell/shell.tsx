"use client";
import { StopService } from "@chimera/gen/chimera/platform/v1/stop_service_pb";
import { Menu as MenuIcon, OctagonX, Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { lazy, useEffect, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { OnIntent } from "@/components/ui/on-intent";
import { Kbd } from "@/components/ui/small";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { Connection } from "./connection";
import { Nav } from "./nav";
import { Notices } from "./notices";
import { OpenedProvider, useOpened } from "./opened";
import { useShortcuts } from "./shortcuts";
import { StopFrame } from "./stop-frame";
import { TenantButton } from "./tenant-button";
import { useDestinations } from "./use-destinations";
import { UserButton } from "./user-button";

const loadTenantMenu = () => import("./tenant-menu");
const loadUserMenu = () => import("./user-menu");
const TenantMenu = lazy(loadTenantMenu);
const UserMenu = lazy(loadUserMenu);

/** The frame around every page of a tenant. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <OpenedProvider>
      <div className="flex min-h-dvh flex-col lg:h-dvh">
        <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2">Skip to the content</a>
        <StopFrame />
        <Bar />
        <Notices />
        <div className="flex min-h-0 flex-1">
          <aside className="hidden w-48 shrink-0 overflow-y-auto border-r border-line bg-surface p-2 lg:block"><Nav /></aside>
          <main id="content" tabIndex={-1} className="scroll-thin relative min-w-0 flex-1 outline-none lg:overflow-y-auto">{children}</main>
        </div>
      </div>
    </OpenedProvider>
  );
}

function Bar() {
  const { open } = useOpened();
  const { may } = useSession();
  useFrameKeys();
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-1 border-b border-line bg-surface px-2 sm:gap-2 sm:px-3">
      <Button variant="ghost" size="icon" className="max-sm:size-11 lg:hidden" aria-label="Menu" onClick={() => open("nav")}><MenuIcon /></Button>
      <OnIntent part={TenantMenu} load={loadTenantMenu} button={(intent) => <TenantButton {...intent} />} />
      <div className="flex-1" />
      <button type="button" onClick={() => open("palette")} className="flex h-8 items-center gap-2 rounded-md border border-line bg-sunken px-2 text-muted hover:text-text max-sm:size-11 max-sm:justify-center max-sm:border-0 max-sm:bg-transparent sm:w-56">
        <Search className="size-4 shrink-0" aria-hidden />
        <span className="flex-1 text-left max-sm:sr-only">Go to…<span className="sr-only"> search and commands</span></span>
        <Kbd aria-hidden className="max-sm:hidden">⌘K</Kbd>
      </button>
      <Connection />
      {may(StopService.method.pressStop) ? (
        <Button variant="danger" className="max-sm:size-11 max-sm:px-0" onClick={() => open("stop")}><OctagonX className="max-sm:size-4" aria-hidden /><span className="max-sm:sr-only">Stop<span className="sr-only"> switch</span></span></Button>
      ) : null}
      <OnIntent part={UserMenu} load={loadUserMenu} button={(intent) => <UserButton {...intent} />} />
    </header>
  );
}

function useFrameKeys() {
  const { open } = useOpened();
  const router = useRouter();
  const path = useTenantPath();
  const destinations = useDestinations();
  useShortcuts("Everywhere", [
    { keys: "?", label: "Keyboard help", run: () => open("help") },
    { keys: "/", label: "Search and commands", run: () => open("palette") },
    ...destinations.map((d) => ({ keys: `g ${d.key}`, label: d.label, run: () => router.push(path(d.path)) })),
  ]);
  useEffect(() => {
    // Works in text fields and with single keys switched off, unlike the keys above.
    function press(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      open("palette");
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [open]);
}
