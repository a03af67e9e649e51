import Link from "next/link";
import { Button } from "@/components/ui/button";

export default function NotFound() {
  return (
    <div className="mx-auto grid min-h-[60vh] max-w-md content-center gap-3 p-6">
      <h1 className="text-xl font-semibold">This page does not exist</h1>
      <p className="text-muted">The link may be old, or what it led to belongs to another tenant.</p>
      <div><Button asChild><Link href="/">To the fleet</Link></Button></div>
    </div>
  );
}
