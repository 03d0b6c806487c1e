// Package cluster speaks to one Kubernetes cluster through client-go on behalf of a session: it opens a kubeconfig as
// kubectl does, watches the lab's namespace, follows logs, runs commands in containers, reaches their ports through the
// API server, and runs kubectl.
//
// It owns the connection, and of the cluster's state only what its watches need to tell what has gone. It cannot tell an
// embedded cluster from any other, except that Config.Real says so. It refuses whatever reaches past the lab's namespace:
// there is no list or watch over the whole cluster, and the user's kubeconfig is read and never written.
//
// On a real cluster Preflight looks before anything is written, and Act, which carries out what a lab does, keeps to guard
// rails (guard.go): it writes only to a namespace that carries the label app.kubernetes.io/managed-by=healthlab or holds no
// top-level object without it; never to default or kube-*; it changes, deletes and enters only objects with the label; it
// applies on the server's side as field manager healthlab. What it runs is printed where it differs from what was asked for,
// and what a student wrote without the label is labelled after it was applied. What stops
// it because it is somebody else's it names in a lab.Foreign, which Adopt makes healthlab's as long as nobody has touched it
// since. Kubectl, for what users type, is held back by ReadOnly and DryRun only. Remains and Delete clean up, by the label,
// whoever left it.
//
// Pods, Pod, Events and LastLines read once, for somebody who only looks; they take the rights to get or list what they read, and
// nothing more.
//
// A console at rest makes about one request a minute to renew its five watches (pods, deployments, endpoint slices, events,
// the namespace), each of which lasts five to ten minutes, and one exec for each attempt of an exec probe: 60 a minute for
// the readiness lab's three pods, measured on the API server's apiserver_request_total. A fault makes 12. Each
// exec is a connection of its own, with its TLS handshake, because a WebSocket takes its connection over: as many new
// connections a minute, measured. HTTP, TCP and gRPC probes share one port-forward per pod and make no further requests; each
// attempt is a new pair of streams, and a new connection to the app, as the kubelet's are. A probe that is forbidden is asked
// for once a minute, in two requests. Requests are limited to 20 a second with bursts of 40.
// A node whose agent tells of its attempts costs one request for as long as the connection holds. A resource that may not be
// watched costs six requests a minute more. The namespace itself is watched by the request for a
// single object, which rights in that namespace suffice for.
//
// A connection that is refused or closed is told at once. One on which nothing comes any more, after a laptop slept or a VPN
// dropped, is found out by HTTP/2 pings within 15 seconds (cmd asks for more of them than client-go does by itself), or within
// 25 by TCP's where there is no HTTP/2; the state is then stale since the server was last heard of.
//
// What answers in an API server's place may do so without end. bounds.go holds every answer to limits in size (as it comes to
// once it is unpacked and decoded), depth, time and pace, follows few redirects and none to another host, and asks for JSON
// only; what goes beyond is an error that says so. Each watch has its turns for requests and its pace for changes; one that
// floods is told as a lost connection and left alone for a minute. Not bounded in bytes are what client-go reads by itself of a
// connection that it has upgraded to exec or port-forward (only the time for the header of the answer is, over WebSocket), and
// what a credential plug-in prints.
//
// A Client with NoPrompt leaves the terminal to whoever draws there. Login lets a credential plug-in ask for what it needs
// before, and makes sure that it has kept that.
//
// A Client may be used from any goroutine. Watch starts one goroutine per resource and returns when all have ended; each
// emits its changes in order. Close waits for the goroutines behind connections that Dial handed out.
package cluster
