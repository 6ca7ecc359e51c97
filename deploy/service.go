package deploy

import (
	"strconv"

	"github.com/starfleet-go/starfleet/config"
)

// stopTimeout is how long ECS waits between SIGTERM and SIGKILL: the most that Fargate allows. A watcher takes nothing new meanwhile and gives
// back what it cannot end.
const stopTimeout = 120

// addServices makes the services of the ships that run on Fargate, and the cluster that they share.
func (f *Fleet) addServices(s *stack) {
	if !f.watches() {
		return
	}
	cluster := object{"ClusterName": f.settings.Name, "ClusterSettings": list{object{"Name": "containerInsights", "Value": "enabled"}}}
	f.tag(cluster)
	s.add("Cluster", "AWS::ECS::Cluster", cluster)
	for _, ship := range f.ships {
		if ship.ours() && ship.watched() {
			f.addLogGroup(s, ship.id, logGroup(ship.name))
			f.addTask(s, ship)
			f.addService(s, ship)
			f.addScaling(s, ship)
		}
	}
}

// addTask makes what a container of the service is. It may write to /tmp alone.
func (f *Fleet) addTask(s *stack, ship *ship) {
	variables := f.shipVariables(ship)
	variables[config.Variable] = configFolder
	variables[config.VariableQueues] = queuesBase
	environment := list{}
	for _, name := range sortedKeys(variables) {
		environment = append(environment, object{"Name": name, "Value": variables[name]})
	}
	properties := object{
		"Family": ship.name, "RequiresCompatibilities": list{"FARGATE"}, "NetworkMode": "awsvpc",
		"Cpu": strconv.Itoa(ship.Deployment.Fargate.CPU), "Memory": strconv.Itoa(ship.Deployment.Memory),
		"RuntimePlatform":  object{"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
		"ExecutionRoleArn": att{"ExecutionRole", "Arn"}, "TaskRoleArn": att{ship.id + "Role", "Arn"},
		"Volumes": list{object{"Name": "tmp"}},
		"ContainerDefinitions": list{object{
			"Name": "watch", "Image": ship.Deployment.Fargate.Image, "Command": texts(ship.Deployment.Fargate.Command), "Essential": true,
			"Environment": environment, "ReadonlyRootFilesystem": true, "Privileged": false, "StopTimeout": stopTimeout,
			"MountPoints": list{object{"SourceVolume": "tmp", "ContainerPath": "/tmp", "ReadOnly": false}},
			"Ulimits":     list{object{"Name": "nofile", "SoftLimit": 10240, "HardLimit": 10240}},
			"LogConfiguration": object{"LogDriver": "awslogs", "Options": object{
				"awslogs-group": ref(ship.id + "Log"), "awslogs-region": sub("${AWS::Region}"), "awslogs-stream-prefix": "watch",
			}},
		}},
	}
	f.tag(properties)
	s.add(ship.id+"Task", "AWS::ECS::TaskDefinition", properties)
}

// addService makes the service. How many containers run is left to the scaling.
func (f *Fleet) addService(s *stack, ship *ship) {
	network := f.settings.Network
	properties := object{
		"ServiceName": ship.name, "Cluster": ref("Cluster"), "LaunchType": "FARGATE", "TaskDefinition": ref(ship.id + "Task"),
		"EnableExecuteCommand": false, "PropagateTags": "SERVICE",
		"DeploymentConfiguration": object{
			"MinimumHealthyPercent": 100, "MaximumPercent": 200,
			"DeploymentCircuitBreaker": object{"Enable": true, "Rollback": true},
		},
		"NetworkConfiguration": object{"AwsvpcConfiguration": object{
			"AssignPublicIp": "DISABLED", "Subnets": texts(network.Subnets), "SecurityGroups": texts(network.SecurityGroups),
		}},
	}
	f.tag(properties)
	// The role's policy is in the role, and the container writes its log at once.
	s.add(ship.id+"Service", "AWS::ECS::Service", properties, ship.id+"Log", ship.id+"Role")
}

// scaleStep is how many containers come when there is work: a tenth of the most, 1 to 100.
func scaleStep(most int) int { return max(min((most+5)/10, 100), 1) }

// addScaling lets the service follow its queue: up a step while messages wait, down to the least when the queue held none, waiting or in work,
// for ten minutes. Both come from what SQS itself counts.
func (f *Fleet) addScaling(s *stack, ship *ship) {
	fargate := ship.Deployment.Fargate
	target := ship.id + "Scaling"
	s.add(target, "AWS::ApplicationAutoScaling::ScalableTarget", object{
		"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": fargate.MinTasks, "MaxCapacity": fargate.MaxTasks,
		"ResourceId": sub("service/" + f.settings.Name + "/" + ship.name),
	}, ship.id+"Service")
	step := func(id, name, adjustment string, change int, interval object) {
		interval["ScalingAdjustment"] = change
		s.add(id, "AWS::ApplicationAutoScaling::ScalingPolicy", object{
			"PolicyName": ship.name + "-" + name, "PolicyType": "StepScaling", "ScalingTargetId": ref(target),
			"StepScalingPolicyConfiguration": object{
				"AdjustmentType": adjustment, "Cooldown": 300, "MetricAggregationType": "Maximum", "StepAdjustments": list{interval},
			},
		})
	}
	step(ship.id+"ScaleUp", "up", "ChangeInCapacity", scaleStep(fargate.MaxTasks), object{"MetricIntervalLowerBound": 0})
	step(ship.id+"ScaleDown", "down", "ExactCapacity", fargate.MinTasks, object{"MetricIntervalUpperBound": 0})
	s.add(ship.id+"ScaleUpAlarm", "AWS::CloudWatch::Alarm", object{
		"AlarmName": ship.name + "-scale-up", "AlarmDescription": "Messages wait: scaling, not for people",
		"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": list{dimension("QueueName", string(ship.queue))},
		"Statistic": "Maximum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
		"TreatMissingData": "notBreaching", "AlarmActions": list{ref(ship.id + "ScaleUp")},
	})
	s.add(ship.id+"ScaleDownAlarm", "AWS::CloudWatch::Alarm", object{
		"AlarmName": ship.name + "-scale-down", "AlarmDescription": "The queue is empty and nothing is in work: scaling, not for people",
		"Metrics": list{
			metricOf("visible", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 300, dimension("QueueName", string(ship.queue))),
			metricOf("inwork", "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "Maximum", 300, dimension("QueueName", string(ship.queue))),
			object{"Id": "total", "Expression": "visible + inwork", "Label": "visible and in work", "ReturnData": true},
		},
		"EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": 0, "ComparisonOperator": "LessThanOrEqualToThreshold",
		"TreatMissingData": "notBreaching", "AlarmActions": list{ref(ship.id + "ScaleDown")},
	})
}

func dimension(name, value string) object { return object{"Name": name, "Value": value} }

// metricOf is a metric of an alarm that computes.
func metricOf(id, namespace, name, statistic string, period int, dimensions ...any) object {
	return object{"Id": id, "ReturnData": false, "MetricStat": object{
		"Metric": object{"Namespace": namespace, "MetricName": name, "Dimensions": list(dimensions)}, "Period": period, "Stat": statistic,
	}}
}
