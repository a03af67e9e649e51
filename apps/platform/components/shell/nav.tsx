"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/classes";
import { useTenantPath } from "@/lib/session/tenant";
import { useDestinations } from "./use-destinations";
import { useStatus } from "./use-status";

export function Nav({ onGo }: { onGo?: () => void }) {
  const path = useTenantPath();
  const here = usePathname();
  const destinations = useDestinations();
  const status = useStatus().data;
  return (
    <nav aria-label="Main">
      <ul className="grid gap-px">
        {destinations.map((d) => {
          const href = path(d.path);
          const current = d.path === "" ? here === href : here === href || here.startsWith(`${href}/`);
          const count = d.count && status ? status[d.count] : 0;
          return (
            <li key={d.path}>
              <Link
                href={href} onClick={onGo} aria-current={current ? "page" : undefined}
                className={cn("flex h-8 items-center gap-2.5 rounded-md px-2.5 text-muted hover:bg-hover hover:text-text max-lg:h-11", current && "bg-selected font-medium text-text hover:bg-selected")}
              >
                <d.icon className={cn("size-4 shrink-0", current && "text-accent")} aria-hidden />
                <span className="min-w-0 flex-1 truncate">{d.label}</span>
                {count ? <span className="rounded-sm bg-wait-soft px-1.5 text-2xs leading-4 font-semibold text-wait">{count > 999 ? "999+" : count}<span className="sr-only"> open</span></span> : null}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
