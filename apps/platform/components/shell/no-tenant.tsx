import Link from "next/link";
import { Button } from "@/components/ui/button";

/** The same words for a tenant of others as for none: its existence is not the caller's to learn. */
export function NoTenant({ tenant }: { tenant?: string }) {
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center gap-3 p-6">
      <h1 className="text-xl font-semibold">{tenant ? "You are not a member of this tenant" : "You are in no tenant yet"}</h1>
      <p className="text-muted">{tenant
        ? "The link may be for another team, or your membership has ended. An administrator of the tenant can add you."
        : "Ask an administrator to add you under the address you signed in with, then reload this page."}</p>
      <div className="flex gap-2">
        {tenant ? <Button variant="primary" asChild><Link href="/">Your own tenants</Link></Button> : null}
        <form action="/api/auth/logout" method="post"><Button type="submit">Sign out</Button></form>
      </div>
    </main>
  );
}
