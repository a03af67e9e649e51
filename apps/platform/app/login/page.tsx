import { redirect } from "next/navigation";
import { z } from "zod";
import { Button } from "@/components/ui/button";
import { currentSession } from "@/lib/auth/current";
import { safeReturnTo } from "@/lib/auth/return-to";

const schema = z.object({
  return: z.string().max(2000).optional().catch(undefined),
  problem: z.enum(["expired", "refused", "provider", "signed-out"]).optional().catch(undefined),
});

const words = {
  expired: "Signing in took too long, or cookies are blocked. Try once more.",
  refused: "The sign-in could not be completed. Try once more; if it stays, ask your administrator.",
  provider: "The identity provider does not answer. Try again in a moment.",
  "signed-out": "You are signed out.",
};

export const metadata = { title: "Sign in" };

export default async function Login({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const { return: wanted, problem } = schema.parse(await searchParams);
  const returnTo = safeReturnTo(wanted);
  if (!problem && (await currentSession())) redirect(returnTo);
  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-4 p-6">
      <h1 className="text-xl font-semibold tracking-tight">Chimera</h1>
      <p className="text-muted">{problem ? words[problem] : "Operate the fleet, and decide what is published in its name."}</p>
      <Button variant="primary" size="lg" asChild><a href={`/api/auth/login?return=${encodeURIComponent(returnTo)}`}>Sign in</a></Button>
    </main>
  );
}
