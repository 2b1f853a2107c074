/** What bench/k6/gateway.js calls: answers each row with its first number, a text with its own pieces. */
export const K6_MODEL = `
import podium

def one(row):
    if not isinstance(row, dict):
        return row[0]
    if "text_input" not in row:
        return row["x"] + 0
    return spell(row["text_input"])

def spell(text):
    for start in range(0, len(text), 2):
        yield text[start : start + 2]

podium.bind(infer=lambda rows: [one(row) for row in rows], signature={
    "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}],
    "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1]}],
})
podium.paused()
`;
