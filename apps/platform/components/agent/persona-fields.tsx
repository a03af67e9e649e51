"use client";
import { useFormContext, type FieldError } from "react-hook-form";
import { Field, Input, Textarea } from "@/components/ui/field";
import type { PersonaInput } from "./persona-schema";

/** A list's error stands at the list or at one of its items. */
function wordsOf(error: unknown): string | undefined {
  if (Array.isArray(error)) return (error.find(Boolean) as FieldError | undefined)?.message;
  return (error as FieldError | undefined)?.message;
}

/** The persona's fields, inside a FormProvider whose form has them under "persona". */
export function PersonaFields() {
  const { register, formState } = useFormContext<{ persona: PersonaInput }>();
  const errors = formState.errors.persona ?? {};
  return (
    <>
      <Field label="Voice" hint="How the agent speaks: tone, length of sentences, what makes it recognisable." error={wordsOf(errors.voice)}>{(ids) => <Textarea {...ids} rows={4} {...register("persona.voice")} />}</Field>
      <Field label="Audience" hint="Whom it speaks to, and what they care for." error={wordsOf(errors.audience)}>{(ids) => <Textarea {...ids} rows={2} {...register("persona.audience")} />}</Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Topics" hint="One a line, at most 30." error={wordsOf(errors.topics)}>{(ids) => <Textarea {...ids} rows={5} {...register("persona.topics")} />}</Field>
        <Field label="Never says" hint="One a line, on top of the tenant's banned terms." error={wordsOf(errors.never)}>{(ids) => <Textarea {...ids} rows={5} {...register("persona.never")} />}</Field>
      </div>
      <div className="grid gap-3 sm:grid-cols-[10rem_minmax(0,1fr)]">
        <Field label="Language" hint="A tag such as en or pt-BR." error={wordsOf(errors.language)}>{(ids) => <Input {...ids} autoComplete="off" autoCapitalize="none" spellCheck={false} {...register("persona.language")} />}</Field>
        <Field label="Hashtags" hint="At most 10, with spaces between." error={wordsOf(errors.hashtags)}>{(ids) => <Input {...ids} autoComplete="off" autoCapitalize="none" {...register("persona.hashtags")} />}</Field>
      </div>
    </>
  );
}
