package deploy

// addTable makes the table in which ships keep the progress of jobs and what is done once: the key id, records that end by themselves.
func (f *Fleet) addTable(s *stack) {
	if !f.keepsTable() {
		return
	}
	encryption := object{"SSEEnabled": false} // AWS's own key: tables are encrypted in any case
	if key := f.key(); key != nil {
		encryption = object{"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": key}
	}
	properties := object{
		"TableName": f.table(), "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions":             list{object{"AttributeName": "id", "AttributeType": "S"}},
		"KeySchema":                        list{object{"AttributeName": "id", "KeyType": "HASH"}},
		"TimeToLiveSpecification":          object{"AttributeName": "expires", "Enabled": true},
		"PointInTimeRecoverySpecification": object{"PointInTimeRecoveryEnabled": true},
		"SSESpecification":                 encryption,
	}
	f.tag(properties)
	s.add("ProgressTable", "AWS::DynamoDB::Table", properties).retain = true
}
