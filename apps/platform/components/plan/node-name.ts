"use client";
import type { PlanNode } from "@chimera/gen/chimera/platform/v1/plan_service_pb";
import { useAccounts } from "@/lib/fleet/use-fleet";
import { nodeName } from "./layout";

export type NodeWords = { title: string; account: string };

/** A step's name for people, and whose account it acts for. */
export function useNodeWords(): (node: Pick<PlanNode, "key" | "title" | "accountId">) => NodeWords {
  const accounts = useAccounts();
  return ({ key, title, accountId }) => {
    const { step, accountId: ofKey } = nodeName(key);
    const account = accounts.get(accountId || ofKey || "");
    return { title: title || step, account: account ? `${account.handle} · ${account.platform}` : "" };
  };
}

/** The same in one line: "Draft the post · ada.test · bluesky". */
export function useNodeName(): (node: Pick<PlanNode, "key" | "title" | "accountId">) => string {
  const wordsOf = useNodeWords();
  return (node) => {
    const { title, account } = wordsOf(node);
    return account ? `${title} · ${account}` : title;
  };
}

const NODE = /\b([a-z]+):([0-9a-f]{8}-[0-9a-f-]{27})/gi;

/** A sentence of the system with handles in place of account ids: "publish:<id>" becomes "publish for ada.test". */
export function useNamed(): (sentence: string) => string {
  const accounts = useAccounts();
  return (sentence) => sentence.replace(NODE, (whole: string, step: string, id: string) => {
    const handle = accounts.get(id.toLowerCase())?.handle;
    return handle ? `${step} for ${handle}` : whole;
  });
}
