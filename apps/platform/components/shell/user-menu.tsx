"use client";
import { History, Keyboard, LogOut } from "lucide-react";
import { useState } from "react";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { roleNames } from "@/lib/session/permissions";
import { useSession } from "@/lib/session/use-session";
import { RecentActions } from "./recent-actions";
import { applyTheme, themeOf, themes } from "./theme";

const themeNames = { system: "As the system", light: "Light", dark: "Dark" };

export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const { email, subject, role } = useSession();
  const [recent, setRecent] = useState(false);
  const [theme, setTheme] = useState("system");
  const who = email || subject;
  return (
    <>
      <Menu onOpenChange={(open) => open && setTheme(themeOf(document.documentElement.dataset.theme))}>
        <MenuTrigger aria-label={`Account: ${who}`} className="grid size-8 place-items-center rounded-full bg-sunken text-xs font-semibold text-muted uppercase ring-1 ring-line hover:text-text">
          {who.slice(0, 2)}
        </MenuTrigger>
        <MenuContent align="end">
          <div className="px-2 py-1.5">
            <p className="max-w-56 truncate font-medium">{who}</p>
            <p className="text-xs text-muted">{roleNames[role]} in this tenant</p>
          </div>
          <MenuSeparator />
          <MenuLabel>Colours</MenuLabel>
          <MenuRadioGroup value={theme} onValueChange={(value) => applyTheme(themeOf(value))}>
            {themes.map((t) => <MenuRadioItem key={t} value={t}>{themeNames[t]}</MenuRadioItem>)}
          </MenuRadioGroup>
          <MenuSeparator />
          <MenuItem onSelect={() => setRecent(true)}><History />Recent actions</MenuItem>
          <MenuItem onSelect={onHelp}><Keyboard />Keyboard</MenuItem>
          <MenuSeparator />
          <MenuItem onSelect={() => document.querySelector<HTMLFormElement>("#sign-out")?.requestSubmit()}><LogOut />Sign out</MenuItem>
        </MenuContent>
      </Menu>
      <form id="sign-out" action="/api/auth/logout" method="post" hidden />
      <RecentActions open={recent} onOpenChange={setRecent} />
    </>
  );
}
