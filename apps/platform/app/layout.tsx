import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { Toasts } from "@/components/toast/toasts";
import { THEME_COOKIE, themeOf } from "@/components/shell/theme";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Chimera", template: "%s · Chimera" },
  description: "Manage the fleet by exception.",
};
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html lang="en" data-theme={theme} suppressHydrationWarning>
      <body>
        <NuqsAdapter>{children}</NuqsAdapter>
        <Toasts />
      </body>
    </html>
  );
}
