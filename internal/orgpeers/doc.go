// Package orgpeers holds tests of a whole organization against real peers: moto for Organizations, STS, IAM and S3 with the state of each
// account, ministack for account:ListRegions. They have the build tag peers; .ci/moto.sh starts the peers and runs them.
package orgpeers
