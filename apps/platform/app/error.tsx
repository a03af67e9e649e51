"use client";
import { Button } from "@/components/ui/button";

export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main role="alert" className="mx-auto grid min-h-[60vh] max-w-md content-center gap-3 p-6">
      <h1 className="text-xl font-semibold">This page cannot be shown now</h1>
      <p className="text-muted">The server behind it does not answer, or had a defect. Nothing you decided is lost.{error.digest ? ` For support: ${error.digest}.` : ""}</p>
      <div><Button variant="primary" onClick={reset}>Try again</Button></div>
    </main>
  );
}
