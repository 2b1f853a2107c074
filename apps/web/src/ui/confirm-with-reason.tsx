import { type ReactNode, useState } from "react";
import { Confirm } from "./confirm.tsx";
import { Field } from "./field.tsx";

interface Props {
  title: string;
  confirm: string;
  /** who reads the reason */
  hint: string;
  required?: boolean;
  maxLength?: number;
  danger?: boolean;
  busy: boolean;
  error: unknown;
  /** @param reason  null: none was given */
  onConfirm: (reason: string | null) => void;
  onCancel: () => void;
  children: ReactNode;
}

/** Asks before something that is written down with its reason. */
export function ConfirmWithReason(props: Props) {
  const { hint, required = false, maxLength = 1000, busy, onConfirm, children, ...others } = props;
  const [reason, setReason] = useState("");
  const given = reason.trim();
  return (
    <Confirm
      {...others}
      busy={busy || (required && given === "")}
      onConfirm={() => onConfirm(given === "" ? null : given)}
    >
      {children}
      <Field
        label="Why"
        hint={hint}
        value={reason}
        required={required}
        maxLength={maxLength}
        onChange={(event) => setReason(event.target.value)}
      />
    </Confirm>
  );
}
