package cluster

import (
	"context"
	"fmt"
	"net/url"

	"k8s.io/client-go/rest"

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
	get := c.clientset.CoreV1().RESTClient().Get()
	answer, err := toAgent(get, node, witness.Path, witness.Query(c.config.Namespace, from)).Stream(ctx)
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

// toAgent makes a request one to a path of a node's kubelet API.
func toAgent(request *rest.Request, node, path string, query url.Values) *rest.Request {
	request.Resource("nodes").Name(node).SubResource("proxy").Suffix(path)
	for key, values := range query {
		for _, value := range values {
			request.Param(key, value)
		}
	}
	return request
}
