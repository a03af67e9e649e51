"use client";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/small";
import { useShortcutRegistry } from "./shortcuts";

const printed: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "esc" };

/** Every key that works on this page right now. */
export default function KeyboardHelp({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open onOpenChange={onOpenChange}>
      <DialogContent title="Keyboard" description="These keys work on this page.">
        <Keys />
      </DialogContent>
    </Dialog>
  );
}

function Keys() {
  const { groups, enabled, setEnabled } = useShortcutRegistry();
  return (
    <div className="grid gap-4">
      {groups().toReversed().map((group) => (
        <section key={group.title}>
          <h3 className="pb-1 font-semibold">{group.title}</h3>
          <ul className="grid gap-x-6 sm:grid-cols-2">
            {group.read().map((s) => (
              <li key={s.keys} className="flex items-center gap-2 border-b border-line py-1">
                <span className="flex-1">{s.label}</span>
                {s.keys.split(" ").map((k) => <Kbd key={k}>{printed[k] ?? k}</Kbd>)}
              </li>
            ))}
          </ul>
        </section>
      ))}
      <p className="flex items-center gap-2"><span className="flex-1">Search and commands</span><Kbd>⌘/Ctrl</Kbd><Kbd>K</Kbd></p>
      <label className="flex items-center gap-2 border-t border-line pt-3">
        <input type="checkbox" className="size-4 accent-(--accent)" checked={enabled} onChange={(e) => setEnabled(e.target.checked)} />
        Single keys act (switch off when you dictate)
      </label>
    </div>
  );
}
