"use client";
import { ReviewService, type Review } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { useMutation } from "@connectrpc/connect-query";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { toast } from "@/components/toast/toast";
import { z } from "zod";
import { ProblemNotice } from "@/components/panel/problem-notice";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { useRefreshReviews } from "./use-refresh-reviews";

const schema = z.object({ words: z.string().trim().min(1, "Say it in a sentence.").max(4000, "At most 4,000 characters.") });

export type Refusal = "reject" | "changes";

const texts = {
  reject: { title: "Reject for good", description: "Nothing is published, and no new draft is made.", label: "Why", button: "Reject", presets: ["Off brand.", "The facts do not hold.", "Not the right moment.", "Too close to an earlier post."] },
  changes: { title: "Request changes", description: "Your words go to the drafting step; its next draft comes back to this desk.", label: "What should change", button: "Request changes", presets: ["Shorter.", "Warmer tone.", "Name the source.", "Drop the hashtags."] },
};

type Props = { review: Review; kind: Refusal; onClose: () => void; onDecided: () => void };

export default function WordsDialog({ review, kind, onClose, onDecided }: Props) {
  const text = texts[kind];
  const refresh = useRefreshReviews();
  const form = useForm<z.input<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { words: "" } });
  const done = (words: string) => () => {
    toast.success(words);
    refresh();
    onDecided();
  };
  const reject = useMutation(ReviewService.method.rejectReview);
  const changes = useMutation(ReviewService.method.requestChanges);
  const call = kind === "reject" ? reject : changes;
  const submit = form.handleSubmit(({ words }) => {
    const base = { reviewId: review.id, stateVersion: review.stateVersion };
    if (kind === "reject") reject.mutate({ ...base, rationale: words.trim() }, { onSuccess: done("Rejected."), onError: refresh });
    else changes.mutate({ ...base, remarks: words.trim() }, { onSuccess: (r) => done(`Sent back. The new draft is plan version ${r.planVersion}.`)(), onError: refresh });
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={text.title} description={text.description}>
        <form onSubmit={submit} className="grid gap-3" noValidate>
          <Field label={text.label} error={form.formState.errors.words?.message}>
            {(ids) => <Textarea {...ids} rows={4} {...form.register("words")} onKeyDown={(e) => (e.metaKey || e.ctrlKey) && e.key === "Enter" && void submit()} />}
          </Field>
          <div className="flex flex-wrap gap-1.5">
            {text.presets.map((p) => <Button key={p} size="sm" onClick={() => form.setValue("words", `${form.getValues("words")} ${p}`.trim(), { shouldValidate: true })}>{p}</Button>)}
          </div>
          {call.error ? <ProblemNotice error={call.error} /> : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" variant={kind === "reject" ? "danger" : "primary"} disabled={call.isPending}>{text.button}</Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
