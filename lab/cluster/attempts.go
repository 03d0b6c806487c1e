package cluster

import (
	"context"
	"fmt"

	"healthlab/lab"
	"healthlab/lab/witness"
)

// Attempts follows the attempts that a node's agent tells of, in the lab's namespace, after what from has read, until ctx ends
// or the connection breaks. It calls begun once the agent has answered and emit for each attempt, and returns how far it came.
// It takes the right to get nodes/proxy. The error is never nil; it is ctx's, or a *lab.Error whose cause says that it is
// forbidden, or not found where the node has no such agent.
func (c *Client) Attempts(
	ctx context.Context, node string, from witness.Cursor, begun func(), emit func(lab.Attempt),
) (witness.Cursor, error) {
	request := c.clientset.CoreV1().RESTClient().Get().Resource("nodes").Name(node).SubResource("proxy").Suffix(witness.Path)
	for key, values := range witness.Query(c.config.Namespace, from) {
		for _, value := range values {
			request.Param(key, value)
		}
	}
	answer, err := request.Stream(ctx)
	if err == nil {
		defer answer.Close()
		from, err = witness.Read(answer, from, witness.Told{Begun: begun, Record: func(r witness.Record, old bool) {
			if r.Namespace == c.config.Namespace {
				emit(lab.Attempt{
					Pod: r.Pod, Container: r.Attempt.Key.Container, Witness: lab.Kubelet, Old: old, Attempt: r.Attempt,
				})
			}
		}})
	}
	if ctx.Err() != nil {
		return from, ctx.Err()
	}
	return from, explain(c.info.Server, fmt.Errorf("follow the attempts of node %s: %w", node, err))
}
