import { notFound } from "next/navigation";

/** So that an unknown address inside a tenant keeps the frame around it. */
export default function Unknown() {
  notFound();
}
