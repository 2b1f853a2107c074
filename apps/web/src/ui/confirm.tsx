import { type ReactNode, useEffect, useRef } from "react";
import { ProblemNotice } from "./states.tsx";

interface ConfirmProps {
  title: string;
  confirm: string;
  busy: boolean;
  error: unknown;
  danger?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** Asks before something that can't be undone. Opens over the page; Escape and Cancel close it. */
export function Confirm(props: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} className="dialog" aria-label={props.title} onCancel={props.onCancel}>
      <h2>{props.title}</h2>
      <div className="dialog-text">{props.children}</div>
      {props.error !== null && <ProblemNotice error={props.error} />}
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={props.onCancel}>
          Cancel
        </button>
        <button
          type="button"
          className={`button ${props.danger ? "danger" : "primary"}`}
          onClick={props.onConfirm}
          disabled={props.busy}
        >
          {props.confirm}
        </button>
      </div>
    </dialog>
  );
}
