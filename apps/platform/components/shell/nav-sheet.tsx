"use client";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Nav } from "./nav";

/** The pages, on screens that have no room for them beside the content. */
export default function NavSheet({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open onOpenChange={onOpenChange}>
      <DialogContent title="Chimera" shape="sheet"><Nav onGo={() => onOpenChange(false)} /></DialogContent>
    </Dialog>
  );
}
