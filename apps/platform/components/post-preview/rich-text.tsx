import { Fragment } from "react";

const LINKS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]|[#＃][\p{L}\p{N}_]+|@[\p{L}\p{N}_.-]+(?:@[\p{L}\p{N}.-]+)?)/gu;

/** Text with its links, tags and mentions coloured as the platform does. They lead nowhere: nothing is published yet. */
export function RichText({ text, linkClass }: { text: string; linkClass: string }) {
  return text.split(LINKS).map((part, i) => (i % 2 ? <span key={i} className={linkClass}>{part}</span> : <Fragment key={i}>{part}</Fragment>));
}
