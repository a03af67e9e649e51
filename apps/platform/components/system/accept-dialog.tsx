"use client";
import { SystemService } from "@chimera/gen/chimera/platform/v1/system_service_pb";
import { ToolService, type Tool } from "@chimera/gen/chimera/platform/v1/tool_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { Json } from "@/components/panel/json";
import { useRefresh } from "@/lib/rpc/use-refresh";
import { DescriptorDiff } from "./descriptor-diff";

const schema = z.object({ rationale: z.string().trim().min(1, "Say what you compared: it stands in the audit chain.").max(500, "At most 500 characters.") });

/** Pins exactly the digest that was shown: a tool that changes again meanwhile is not accepted with it. */
export function AcceptDialog({ tool, onClose }: { tool: Tool; onClose: () => void }) {
  const refresh = useRefresh();
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { rationale: "" } });
  const accept = useMutation(ToolService.method.acceptTool, {
    onSuccess: () => {
      toast.success(`Accepted ${tool.name}. Tasks held back for it go on.`);
      onClose();
    },
    onSettled: () => refresh(ToolService, SystemService),
  });
  const proposed = tool.proposedDescriptorJson || tool.descriptorJson;
  const submit = form.handleSubmit((v) => accept.mutate({ name: tool.name, digest: tool.seenDigest, rationale: v.rationale.trim() }));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={`${tool.name} changed`} className="w-[min(48rem,calc(100vw-1.5rem))]" description={`${tool.heldTasks > 0 ? `${tool.heldTasks} ${tool.heldTasks === 1 ? "task waits" : "tasks wait"} for it.` : "Tasks that need it are held back."} Its description comes from the skill and may try to persuade you: read it as text.`}>
        <form onSubmit={submit} className="grid gap-3" noValidate>
          <dl className="grid gap-1">
            <dt className="text-muted">Accepted{tool.pinnedAt ? <>, <RelativeTime at={tool.pinnedAt} />{tool.pinnedByName ? ` by ${tool.pinnedByName}` : ""}</> : null}</dt><dd className="font-mono text-xs break-all">{tool.pinnedDigest || "none"}</dd>
            <dt className="text-muted">Seen now</dt><dd className="font-mono text-xs break-all">{tool.seenDigest}</dd>
          </dl>
          {tool.acceptedDescriptorJson ? <DescriptorDiff from={tool.acceptedDescriptorJson} to={proposed} /> : (
            <section>
              <h3 className="pb-1 font-medium">As the skill describes it now</h3>
              <Json json={proposed} label="description" empty="The skill describes nothing." />
            </section>
          )}
          <Field label="Why it may be used" error={form.formState.errors.rationale?.message}>{(ids) => <Textarea {...ids} rows={3} {...form.register("rationale")} />}</Field>
          {accept.error ? <ProblemNotice error={accept.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Leave it held back</Button>
            <Button type="submit" variant="primary" disabled={accept.isPending}>Accept this digest</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
