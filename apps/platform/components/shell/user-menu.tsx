"use client";
import { History, Keyboard, LogOut } from "lucide-react";
import { useState } from "react";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { roleNames } from "@/lib/session/permissions";
import { useSession } from "@/lib/session/use-session";
import { useOpened } from "./opened";
import { applyTheme, themeOf, themes } from "./theme";
import { UserButton } from "./user-button";

const themeNames = { system: "As the system", light: "Light", dark: "Dark" };

export default function UserMenu() {
  const { open } = useOpened();
  const { email, subject, role } = useSession();
  const [theme, setTheme] = useState(() => themeOf(document.documentElement.dataset.theme));
  const who = email || subject;
  return (
    <>
      <Menu defaultOpen onOpenChange={(shown) => shown && setTheme(themeOf(document.documentElement.dataset.theme))}>
        <MenuTrigger asChild><UserButton /></MenuTrigger>
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
          <MenuItem onSelect={() => open("recent")}><History />Recent actions</MenuItem>
          <MenuItem onSelect={() => open("help")}><Keyboard />Keyboard</MenuItem>
          <MenuSeparator />
          <MenuItem onSelect={() => document.querySelector<HTMLFormElement>("#sign-out")?.requestSubmit()}><LogOut />Sign out</MenuItem>
        </MenuContent>
      </Menu>
      <form id="sign-out" action="/api/auth/logout" method="post" hidden />
    </>
  );
}
